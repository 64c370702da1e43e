// The storefront in English. The keys are the list that the other language must match.
export const storeEn = {
  "store.title": "Market",
};
