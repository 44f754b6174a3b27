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
  preview.people.forEach(({ left, top }, i) => {
    const label = labels[i];
    if (label !== undefined && label.text !== "") drawCaption(pen, label.text, left * width, top * height, colour(label.hue));
  });
}

function colour(hue: string | undefined): string {
  return HUES[Number(hue?.replace("hue-", "") ?? 0)] ?? "#ffffff";
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

const CAPTION_PX = 24;

function drawCaption(pen: CanvasRenderingContext2D, text: string, left: number, top: number, fill: string): void {
  pen.font = `700 ${CAPTION_PX}px system-ui, sans-serif`;
  const wide = pen.measureText(text).width + 20;
  const x = Math.min(Math.max(4, left), pen.canvas.width - wide - 4);
  const y = Math.max(4, top - CAPTION_PX - 16);
  pen.fillStyle = "rgb(8 11 14 / 82%)";
  pen.beginPath();
  pen.roundRect(x, y, wide, CAPTION_PX + 12, 8);
  pen.fill();
  pen.fillStyle = fill;
  pen.textBaseline = "middle";
  pen.fillText(text, x + 10, y + (CAPTION_PX + 12) / 2 + 1);
}
