// The lines of an invoice in Chinese, for whoever reads it: buyer, seller and operator.
import type { invoiceEn } from "./invoice.en";

export const invoiceZh: Record<keyof typeof invoiceEn, string> = {
  "invoice.lines.table": "账单明细表",
  "invoice.lines.none": "没有用量，也没有固定费用。",
  "invoice.lines.notRated": "用量尚未计价。",
  "invoice.line": "项目",
  "invoice.kind.USAGE": "用量",
  "invoice.kind.CORRECTION": "补报用量",
  "invoice.kind.FLAT_FEE": "固定费用",
  "invoice.exact": "精确金额",
  "invoice.tax": "税额",
  "invoice.amount": "金额",
  "invoice.subtotal": "税前合计",
  "invoice.total": "总计",
  "invoice.arithmetic": "计算过程",
  "invoice.noneCharged": "没有增值用量，无需收费",
  "invoice.billedBefore": "此前已计费：",
  "invoice.corrected": "在该账期出账之后上报：按该账期全部用量重新计价，减去此前已计费的金额。",
  "invoice.rounded": "仅在此处四舍五入一次",
  "invoice.prorated": "本账期的秒数 ÷ 完整账期的秒数。",
  "invoice.calls": "对应的调用",
  "invoice.calls.none": "本账期没有调用使用此计量单位。",
};
