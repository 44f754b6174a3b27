"""The highest number for which something holds, found with few and costly trials."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

MAX_TRIALS = 6


async def highest(guess: int, most: int, holds: Callable[[int], Awaitable[bool]], trials: int = MAX_TRIALS) -> int:
    """The highest number from 1 to `most` that was seen to hold; 0 where none was.

    Args:
        guess: where to begin.
        most: not tried above.
        holds: one trial; what holds for a number is taken to hold for all below.
        trials: at most so many; after them the answer may be too low, never too high.
    """
    held, failed = 0, most + 1
    number = min(max(guess, 1), most)
    step = max(1, number // 2)
    while trials > 0 and failed - held > 1:
        trials -= 1
        if await holds(number):
            held = number
            number = min(number + step, most) if failed > most else (held + failed) // 2
            step *= 2
        else:
            failed = number
            number = max(1, number - step) if held == 0 else (held + failed) // 2
        number = min(max(number, held + 1), failed - 1)
    return held
