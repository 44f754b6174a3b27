/** Keypoints of a preview, and the bones between them. */
import { DataType, KeypointSchema, type Keypoints } from "./gen/spotter/common/v1/tensor_pb";

/** Bones of BlazePose's 33 joints: trunk, arms, legs, feet; the face is left out. */
const BLAZEPOSE_BONES: readonly (readonly [number, number])[] = [
  [11, 12], [11, 23], [12, 24], [23, 24],
  [11, 13], [13, 15], [12, 14], [14, 16],
  [23, 25], [25, 27], [24, 26], [26, 28],
  [27, 29], [29, 31], [27, 31], [28, 30], [30, 32], [28, 32],
];

/** Bones of COCO's 17 joints. */
const COCO_BONES: readonly (readonly [number, number])[] = [
  [5, 6], [5, 11], [6, 12], [11, 12],
  [5, 7], [7, 9], [6, 8], [8, 10],
  [11, 13], [13, 15], [12, 14], [14, 16],
];

const CONFIDENCE = 0.5;

/** One joint in px of the picture. */
export interface Joint {
  readonly x: number;
  readonly y: number;
  /** 0..1. */
  readonly confidence: number;
}

/** One person's visible bones, as pairs of joints. */
export type Skeleton = readonly (readonly [Joint, Joint])[];

/** Reads the (N, K, 3) float32 tensor; an empty list where it is absent or not of that form. */
export function readJoints(keypoints: Keypoints | undefined): Joint[][] {
  const tensor = keypoints?.image;
  if (tensor === undefined || tensor.dataType !== DataType.FLOAT32) return [];
  const [people = 0, joints = 0, values = 0] = tensor.shape;
  if (values !== 3 || tensor.data.byteLength !== people * joints * 12) return [];
  const view = new DataView(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength);
  const joint = (index: number): Joint => ({
    x: view.getFloat32(index * 12, true),
    y: view.getFloat32(index * 12 + 4, true),
    confidence: view.getFloat32(index * 12 + 8, true),
  });
  return Array.from({ length: people }, (_, row) =>
    Array.from({ length: joints }, (_, column) => joint(row * joints + column)),
  );
}

/** The bones whose two ends are seen, a list for each person. */
export function skeletons(keypoints: Keypoints | undefined): Skeleton[] {
  const bones = keypoints?.schema === KeypointSchema.COCO_17 ? COCO_BONES : BLAZEPOSE_BONES;
  return readJoints(keypoints).map((joints) =>
    bones.flatMap(([from, to]) => {
      const [a, b] = [joints[from], joints[to]];
      return a !== undefined && b !== undefined && Math.min(a.confidence, b.confidence) > CONFIDENCE ? [[a, b] as const] : [];
    }),
  );
}
