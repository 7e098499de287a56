#!/bin/sh
# The namespace and the search attributes of workflows/attributes.py. Safe to run again.
# TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE come from the environment; the command line reads them itself.
set -eu

until temporal operator cluster health >/dev/null 2>&1; do sleep 2; done

temporal operator namespace describe >/dev/null 2>&1 \
    || temporal operator namespace create --retention 90d --namespace "$TEMPORAL_NAMESPACE"

# A new namespace is known to every part of the server only after a moment.
until known=$(temporal operator search-attribute list 2>/dev/null); do sleep 2; done
for name in HandslagPathway HandslagUnit; do
    case "$known" in
        *"$name"*) ;;
        *) temporal operator search-attribute create --name "$name" --type Keyword ;;
    esac
done
