// The names of facts as the log writes them, put in by the build from the golden samples in `schema/events`.
declare const EVENT_KINDS: readonly string[];

export const eventKinds = EVENT_KINDS;
