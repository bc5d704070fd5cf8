"""The shortest way from a photograph to a clip.

python examples/quickstart.py
"""

import animate

if __name__ == "__main__":
    print(animate.clip("examples/old_print.jpg", "blink").save("out.mp4"))
