"""One hostile row of a batch, on both stores: it has one outcome, and nobody else pays for it."""

from dataclasses import replace

from campaigner.runtime.delivery import deliver
from campaigner.runtime.delivery.channels.sending import Patience

from ..delivery.raw_server import accepting
from ..delivery.receivers import LATER, decide, letters
from ..delivery.test_hostile_http import Raw
from .ledgers import opened

ANSWER = (
    b"HTTP/1.1 503 No\r\nRetry-After: Mon, 1 Jan 2024 00:00:00 +99999999999999999\r\n"
    b"Content-Length: 0\r\n\r\n"
)


def test_only_the_row_that_got_the_answer_loses_an_attempt(tmp_path, url):
    with accepting(Raw) as receiver, opened(tmp_path, url=url) as ledger:
        receiver.answer = ANSWER
        decide(ledger, ["a", "hostile", *map(str, range(40))])
        channel = replace(receiver.channel(), patience=Patience(timeout=1, per_run=1, batch=50))
        deliver(ledger, {"push": channel}, LATER)
        found = letters(ledger)
    state, attempts, error = found.pop("hostile")
    assert (state, error) == ("waiting", "http 503")
    assert attempts >= 1
    assert set(found.values()) == {("delivered", 0, None)}
