"""The bench of the invisible mark reads what photographs a folder holds and counts what came back."""

import pytest
from skimage import data
from skimage.io import imsave

from animate.core.errors import TrainingDataMissing
from animate.evaluate import watermark


@pytest.mark.slow
def test_a_folder_is_benched_and_the_table_counts(tmp_path, monkeypatch):
    imsave(tmp_path / "a.png", data.astronaut(), check_contrast=False)
    (tmp_path / "notes.txt").write_text("not a photograph")
    monkeypatch.setattr(watermark, "FRAMES", 10)
    seen, attacks = [], (watermark.Attack("CRF 28", qualities=(28,)),)
    outcomes = watermark.bench(tmp_path, attacks=attacks, on_photo=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 1)] and outcomes[0].read == {"CRF 28": True} and not outcomes[0].false_alarm
    assert outcomes[0].psnr > 42
    assert "| CRF 28 | 1 of 1 | 100 % |" in watermark.table(outcomes)


def test_a_folder_without_photographs_is_said(tmp_path):
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(TrainingDataMissing) as caught:
            watermark.bench(folder)
        assert caught.value.hint
