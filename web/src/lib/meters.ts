// What use is counted in; the API's enum `Meter`.
export const METERS = [
  "REQUEST",
  "INPUT_TOKEN",
  "OUTPUT_TOKEN",
  "CHARACTER",
  "IMAGE",
  "PAGE",
  "SECOND",
  "BYTE",
  "ROW",
  "LEASE_SECOND",
  "DEVICE_MONTH",
  "JOB",
] as const;

export type MeterName = (typeof METERS)[number];
