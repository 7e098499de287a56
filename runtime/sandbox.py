"""The workflow sandbox, without a trip into it for every payload.

The SDK asks the sandboxed workflow, several times a payload, for whom it is converted, and puts
all restrictions up and down each time: a quarter of the worker's time. Our converter and codec
do not ask for whom, so the answer is given outside. The workflow's own code stays sandboxed.
"""

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.converter import SerializationContext, StorageDriverStoreContext
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner
from temporalio.workflow import Info


class ContextFreeSandbox(SandboxedWorkflowRunner):
    """A sandbox for converters and codecs that do not ask for whom they convert."""

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """A sandboxed instance that answers for its context outside."""
        return _Instance(super().create_instance(det))


class _Instance(WorkflowInstance):
    def __init__(self, sandboxed: WorkflowInstance) -> None:
        self._sandboxed = sandboxed

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        """Run workflow code, inside."""
        return self._sandboxed.activate(act)

    def get_info(self) -> Info:
        """What the workflow knows of itself."""
        return self._sandboxed.get_info()

    def get_thread_id(self) -> int | None:
        """The thread that the workflow runs on, for the deadlock detector."""
        return self._sandboxed.get_thread_id()

    def get_serialization_context(self, command_info: object) -> SerializationContext | None:
        """None: nothing here is converted differently for one workflow than for another."""
        return None

    def get_external_store_context(self, command_info: object) -> StorageDriverStoreContext:
        """No payload is kept outside of history."""
        return StorageDriverStoreContext(target=None)
