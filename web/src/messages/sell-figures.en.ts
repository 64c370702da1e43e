export const sellFiguresEn = {};
