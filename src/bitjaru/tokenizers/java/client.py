"""Talking to a Java virtual machine through py4j."""

import logging

from py4j.java_gateway import GatewayClient, GatewayParameters, JavaGateway, is_fatal_error
from py4j.protocol import ERROR_ON_SEND, Py4JNetworkError

# py4j logs a traceback for every refused connection; the error that is raised says it in one line.
logging.getLogger("py4j.java_gateway").setLevel(logging.CRITICAL)


class _Client(GatewayClient):  # type: ignore[misc]
    """Raises when the JVM is gone. py4j's own client logs a traceback on the root logger and answers `error`."""

    def send_command(self, command: str, retry: bool = True, binary: bool = False) -> str:
        connection = self._get_connection()
        try:
            answer: str = connection.send_command(command)
        except Py4JNetworkError as error:
            connection.close(False)
            # An idle connection may have been cut, by a fork that ended for one; a new one need not be.
            if retry and error.when == ERROR_ON_SEND:
                return self.send_command(command, retry=False, binary=binary)
            raise
        if is_fatal_error(answer):
            connection.close(False)
        else:
            self._give_back_connection(connection)
        return answer


def connect(port: int, password: str) -> JavaGateway:
    """Returns a gateway to the JVM that listens on this port of the loopback address."""
    parameters = GatewayParameters(address="127.0.0.1", port=port, auth_token=password)
    return JavaGateway(gateway_client=_Client(gateway_parameters=parameters), gateway_parameters=parameters)


def disconnect(gateway: JavaGateway) -> None:
    """Closes the connections to a JVM that has ended."""
    forget(gateway)
    gateway.close(keep_callback_server=True)


def forget(gateway: JavaGateway) -> None:
    """Lets no message pass any more, not even of Java objects that Python needs no longer."""
    gateway._gateway_client.is_connected = False
