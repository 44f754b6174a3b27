import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { DataType, KeypointSchema, KeypointsSchema } from "../src/gen/spotter/common/v1/tensor_pb";
import { readJoints, skeletons } from "../src/skeleton";

/** Keypoints of `people` persons, all joints at (row, joint), with one confidence for each joint. */
function keypoints(people: number, confidence: (joint: number) => number) {
  const bytes = new Uint8Array(1 + people * 33 * 12);
  const view = new DataView(bytes.buffer, 1);
  for (let index = 0; index < people * 33; index += 1) {
    view.setFloat32(index * 12, Math.floor(index / 33), true);
    view.setFloat32(index * 12 + 4, index % 33, true);
    view.setFloat32(index * 12 + 8, confidence(index % 33), true);
  }
  const image = { dataType: DataType.FLOAT32, shape: [people, 33, 3], data: bytes.subarray(1) };
  return create(KeypointsSchema, { schema: KeypointSchema.BLAZEPOSE_33, image });
}

describe("skeletons", () => {
  it("reads little-endian floats wherever they lie in memory", () => {
    const joints = readJoints(keypoints(2, () => 0.75));
    expect(joints).toHaveLength(2);
    expect(joints[1]?.[12]).toEqual({ x: 1, y: 12, confidence: 0.75 });
  });

  it("leaves out bones with an end that isn't seen", () => {
    const whole = skeletons(keypoints(1, () => 0.9))[0] ?? [];
    const withoutLeftKnee = skeletons(keypoints(1, (joint) => (joint === 25 ? 0.5 : 0.9)))[0] ?? [];
    expect(whole).toHaveLength(18);
    expect(withoutLeftKnee).toHaveLength(16);
  });

  it("draws nothing where the tensor is absent or its size is wrong", () => {
    expect(skeletons(undefined)).toEqual([]);
    const broken = keypoints(1, () => 1);
    if (broken.image !== undefined) broken.image.shape = [2, 33, 3];
    expect(skeletons(broken)).toEqual([]);
  });
});
