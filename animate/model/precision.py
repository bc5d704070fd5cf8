"""What this processor is good at."""

from __future__ import annotations

import torch


def has_bfloat16() -> bool:
    """Whether this processor multiplies bfloat16 faster than float32 (AVX-512 BF16 or AMX)."""
    able = torch.cpu.get_capabilities()
    return bool(able.get("avx512_bf16") or able.get("amx_bf16"))


def preferred_dtype() -> torch.dtype:
    """What networks compute in here: bfloat16 where the processor has it, else float32."""
    return torch.bfloat16 if has_bfloat16() else torch.float32


def autocast(device: str) -> torch.autocast:
    """A context in which networks learn in bfloat16 on a GPU and on processors that have it, elsewhere in float32:
    there bfloat16 would be emulated, many times slower.
    """
    return torch.autocast(device, torch.bfloat16, enabled=device != "cpu" or has_bfloat16())
