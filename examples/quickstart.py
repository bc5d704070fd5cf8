"""The shortest way from a photograph to a clip.

python examples/quickstart.py
"""

import animate

if __name__ == "__main__":
    clip = animate.clip("examples/old_print.jpg", "blink")
    path = clip.save("out.mp4")
    print(path)
