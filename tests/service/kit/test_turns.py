"""Turns: so many at once, nobody's long queue before another's, and none lost when somebody leaves."""

from __future__ import annotations

import asyncio

from service.kit.turns import Turns
from tests.own_loop import run_in_own_loop


def test_no_more_than_the_limit_hold_a_turn() -> None:
    async def scene() -> int:
        turns, holding, most = Turns(3), 0, 0

        async def one(number: int) -> None:
            nonlocal holding, most
            async with turns.taken_by(str(number % 2)):
                holding += 1
                most = max(most, holding)
                await asyncio.sleep(0)
                holding -= 1

        await asyncio.gather(*(one(number) for number in range(50)))
        assert (holding, turns.waiting) == (0, 0)
        return most

    assert run_in_own_loop(scene()) == 3


def test_who_asks_for_one_does_not_wait_for_three_hundred() -> None:
    async def scene() -> list[str]:
        turns, order = Turns(1), []

        async def one(party: str) -> None:
            async with turns.taken_by(party):
                order.append(party)
                await asyncio.sleep(0)

        many = [asyncio.create_task(one("many")) for _ in range(300)]
        await asyncio.sleep(0)
        few = [asyncio.create_task(one("few")) for _ in range(3)]
        await asyncio.gather(*many, *few)
        return order

    order = run_in_own_loop(scene())
    assert len(order) == 303
    assert max(place for place, party in enumerate(order) if party == "few") <= 7


def test_who_leaves_the_queue_takes_no_turn_along() -> None:
    async def scene() -> None:
        turns = Turns(1)
        entered = asyncio.Event()
        leave = asyncio.Event()

        async def holder() -> None:
            async with turns.taken_by("a"):
                entered.set()
                await leave.wait()

        async def one() -> None:
            async with turns.taken_by("b"):
                pass

        first = asyncio.create_task(holder())
        await entered.wait()
        waiting = [asyncio.create_task(one()) for _ in range(4)]
        await asyncio.sleep(0)
        assert turns.waiting == 4
        waiting[0].cancel()
        await asyncio.sleep(0)
        assert turns.waiting == 3
        leave.set()
        waiting[1].cancel()  # its turn comes in this very moment
        await first
        await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), 30)
        await asyncio.wait_for(one(), 30)
        assert turns.waiting == 0

    run_in_own_loop(scene())
