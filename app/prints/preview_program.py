"""Draws a page of an uploaded file as PNG, in a process of its own that may use little time and memory: what is wrong
with a file ends this process and no other. Called with ``count`` or ``page``, a path, and the number of the page.
"""

import io
import resource
import sys

SECONDS, BYTES = 10, 1_500_000_000
WIDTH = 1000
MOST_PIXELS = 60_000_000


def main() -> None:
    """Write the number of pages, or the picture, to the standard output."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    what, path = sys.argv[1:3]
    with open(path, "rb") as file:
        is_pdf = file.read(4) == b"%PDF"
    if what == "count":
        sys.stdout.write(str(_count(path) if is_pdf else 1))
    else:
        sys.stdout.buffer.write(_pdf_page(path, int(sys.argv[3])) if is_pdf else _picture(path))


def _count(path: str) -> int:
    import pypdfium2

    return len(pypdfium2.PdfDocument(path))


def _pdf_page(path: str, number: int) -> bytes:
    import pypdfium2

    page = pypdfium2.PdfDocument(path)[number - 1]
    width, height = page.get_size()
    scale = min(WIDTH / max(width, 1), 3 * WIDTH / max(height, 1), 4)
    return _png(page.render(scale=scale).to_pil())


def _picture(path: str) -> bytes:
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS // 2
    with Image.open(path, formats=("PNG", "JPEG")) as image:
        turned = ImageOps.exif_transpose(image).convert("RGB")
        turned.thumbnail((WIDTH, 3 * WIDTH))
        return _png(turned)


def _png(image: object) -> bytes:
    target = io.BytesIO()
    image.save(target, "PNG")  # type: ignore[attr-defined]  # a PIL image; PIL has no place in the signature
    return target.getvalue()


if __name__ == "__main__":
    main()
