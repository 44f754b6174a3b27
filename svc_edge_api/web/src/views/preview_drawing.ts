/** Draws one preview picture with skeletons and captions on a canvas. */
import type { StreamPreviewResponse } from "../gen/spotter/vision/v1/vision_pb";
import { type Skeleton, skeletons } from "../skeleton";

/** Same order as the hues in styles/base.css. */
const HUES = ["#c6ff3d", "#4cc9ff", "#ffb938", "#ff7ab6", "#9d8cff", "#46e6a4", "#ff8a5c", "#f2f25a"];
/** Canvas px across, at least; lines stay crisp on a large screen. */
const LEAST_WIDTH_PX = 960;

/** `labels[i]` belongs to person i of the preview. */
export function drawPreview(
  canvas: HTMLCanvasElement,
  picture: ImageBitmap,
  preview: StreamPreviewResponse,
  labels: readonly { text: string; hue: string }[],
): void {
  const scale = Math.max(1, LEAST_WIDTH_PX / picture.width);
  const [width, height] = [Math.round(picture.width * scale), Math.round(picture.height * scale)];
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  const pen = canvas.getContext("2d");
  if (pen === null) return;
  pen.drawImage(picture, 0, 0, width, height);
  const perPx = width / (preview.widthPx || picture.width);
  skeletons(preview.keypoints).forEach((bones, i) => drawBones(pen, bones, perPx, colour(labels[i]?.hue)));
  const taken: Box[] = [];
  preview.people.forEach(({ left, top }, i) => {
    const label = labels[i];
    if (label === undefined || label.text === "") return;
    taken.push(drawCaption(pen, label.text, left * width, top * height, colour(label.hue), taken));
  });
}

/** White for somebody whom identity doesn't know yet. */
function colour(hue: string | undefined): string {
  return (hue ? HUES[Number(hue.replace("hue-", ""))] : undefined) ?? "#ffffff";
}

function drawBones(pen: CanvasRenderingContext2D, bones: Skeleton, perPx: number, stroke: string): void {
  const path = new Path2D();
  for (const [a, b] of bones) {
    path.moveTo(a.x * perPx, a.y * perPx);
    path.lineTo(b.x * perPx, b.y * perPx);
  }
  pen.lineCap = "round";
  pen.lineWidth = 7;
  pen.strokeStyle = "rgb(0 0 0 / 55%)";
  pen.stroke(path);
  pen.lineWidth = 4;
  pen.strokeStyle = stroke;
  pen.stroke(path);
  pen.fillStyle = "#ffffff";
  for (const joint of new Set(bones.flat())) {
    pen.beginPath();
    pen.arc(joint.x * perPx, joint.y * perPx, 3, 0, 2 * Math.PI);
    pen.fill();
  }
}

const CAPTION_PX = 22;
const CAPTION_HEIGHT_PX = CAPTION_PX + 12;

/** Where a caption lies on the canvas, px. */
interface Box {
  readonly x: number;
  readonly y: number;
  readonly wide: number;
}

/** The first height at or below `y` where the caption covers none of `taken`. */
function freeHeight(x: number, y: number, wide: number, taken: readonly Box[]): number {
  const covered = taken.find(
    (box) => x < box.x + box.wide && box.x < x + wide && Math.abs(box.y - y) < CAPTION_HEIGHT_PX,
  );
  return covered === undefined ? y : freeHeight(x, covered.y + CAPTION_HEIGHT_PX + 2, wide, taken);
}


function drawCaption(
  pen: CanvasRenderingContext2D,
  text: string,
  left: number,
  top: number,
  fill: string,
  taken: readonly Box[],
): Box {
  pen.font = `700 ${CAPTION_PX}px system-ui, sans-serif`;
  const wide = pen.measureText(text).width + 20;
  const x = Math.min(Math.max(4, left), pen.canvas.width - wide - 4);
  const y = freeHeight(x, Math.max(4, top - CAPTION_PX - 16), wide, taken);
  pen.fillStyle = "rgb(8 11 14 / 82%)";
  pen.beginPath();
  pen.roundRect(x, y, wide, CAPTION_HEIGHT_PX, 8);
  pen.fill();
  pen.fillStyle = fill;
  pen.textBaseline = "middle";
  pen.fillText(text, x + 10, y + CAPTION_HEIGHT_PX / 2 + 1);
  return { x, y, wide };
}
