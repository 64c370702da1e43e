// The usage dashboard in English. The keys are the list that the other language must match.
export const usageEn = {
  "usage.title": "Usage and billing",
};
