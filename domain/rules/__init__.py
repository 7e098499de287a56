"""One file per noun: what each command leads to. Each function adds events to a draft."""
