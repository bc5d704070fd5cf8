"""The generator: sizes of what it gives, colour that starts from the photo's tone, occlusion that hides features."""

import torch

from animate.model.nets.generator import Inpainter


def made(photo: torch.Tensor, seen: float, generator: Inpainter) -> tuple[torch.Tensor, torch.Tensor]:
    masks = torch.zeros(1, 6, 32, 32)
    features = generator.encode(photo, masks)
    return generator(features, photo, torch.zeros(1, 2, 64, 64), torch.full((1, 1, 16, 16), seen), masks)


def test_colour_and_keep_have_full_size_and_start_from_the_tone():
    generator = Inpainter((8, 8, 16)).eval()
    photo = torch.rand(1, 3, 1, 1).expand(1, 3, 64, 64).contiguous()
    colour, keep = made(photo, 1.0, generator)
    assert colour.shape == (1, 3, 64, 64) and keep.shape == (1, 1, 64, 64)
    assert torch.allclose(colour, photo, atol=0.1)


def test_hidden_features_do_not_reach_the_picture():
    torch.manual_seed(0)
    generator = Inpainter((8, 8, 16)).eval()
    torch.nn.init.normal_(generator.decoder.paint.weight, std=0.1)
    photo = torch.rand(1, 3, 64, 64)
    masks = torch.zeros(1, 6, 32, 32)
    features = generator.encode(photo, masks)
    other = [torch.rand_like(part) for part in features]
    flow, hidden = torch.zeros(1, 2, 64, 64), torch.zeros(1, 1, 16, 16)
    same = [generator(maps, photo, flow, hidden, masks)[0] for maps in (features, other)]
    assert torch.allclose(*same, atol=1e-5)
    assert not torch.allclose(
        *(generator(maps, photo, flow, 1 - hidden, masks)[0] for maps in (features, other)), atol=1e-3
    )
