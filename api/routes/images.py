"""Takes in pictures and gives them back."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from api.answers import ImageAnswer
from api.bodies import picture_body
from api.conditional import matches
from api.dependencies import ArtifactsDep, IfNoneMatch, SettingsDep, StoreDep
from api.uploads import upload
from shared.errors import NotFoundError
from shared.images import image_key

router = APIRouter(prefix="/v1/images", tags=["images"])

ImageIdPath = Annotated[str, Path(pattern=r"^sha256:[0-9a-f]{64}$", examples=["sha256:" + 64 * "0"])]

BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "image/*": {"schema": {"type": "string", "format": "binary"}},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            },
        },
    }
}


@router.post("", status_code=201, response_model=ImageAnswer, openapi_extra=BODY)
def take_image(
    data: Annotated[bytes, Depends(picture_body)],
    settings: SettingsDep,
    store: StoreDep,
    artifacts: ArtifactsDep,
    response: Response,
) -> ImageAnswer:
    """Take in a PNG, JPEG or WebP; the same bytes have the same id."""
    picture = upload(store, artifacts, data, settings.api.max_image_pixels)
    response.headers["Location"] = f"/v1/images/{picture.id}"
    height, width = picture.size
    return ImageAnswer(id=picture.id, width=width, height=height, bytes=len(picture.png))


@router.get("/{image_id}", response_class=Response, responses={200: {"content": {"image/png": {}}}})
def give_image(image_id: ImageIdPath, artifacts: ArtifactsDep, if_none_match: IfNoneMatch = None) -> Response:
    """A picture as it is kept: PNG, RGB, 8 bits, upright."""
    headers = {"ETag": f'"{image_id.removeprefix("sha256:")}"', "Cache-Control": "public, max-age=31536000, immutable"}
    if matches(headers["ETag"], if_none_match):
        return Response(status_code=304, headers=headers)
    try:
        return Response(artifacts.get(image_key(image_id)), 200, headers, "image/png")
    except NotFoundError:
        raise NotFoundError(f"no image {image_id}") from None
