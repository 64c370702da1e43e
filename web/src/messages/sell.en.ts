// The seller desk in English. The keys are the list that the other language must match.
export const sellEn = {
  "sell.title": "Seller desk",
};
