export const sellOffersEn = {};
