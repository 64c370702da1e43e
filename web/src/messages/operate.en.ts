// The operator console in English. The keys are the list that the other language must match.
export const operateEn = {
  "operate.title": "Operator console",
};
