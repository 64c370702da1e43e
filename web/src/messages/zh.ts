// 页面的全部中文文案；键与英文一一对应。
import type { MessageId } from "./en";
import { zhUi } from "./ui.zh";

export const zh: Record<MessageId, string> = {
  ...zhUi,

  "page.description":
    "通过一个 GraphQL 网关调用标准 AI 能力。每次调用都计为免费或增值用量，每张账单都能由事件日志重新算出。",
  "page.skip": "跳到正文",
  "nav.label": "主导航",
  "nav.capabilities": "能力",
  "nav.listings": "商品",
  "nav.stores": "店铺",
  "nav.usage": "用量",
  "nav.sell": "出售",
  "nav.operate": "运营",
  "nav.signIn": "登录",
  "nav.signUp": "注册",
  "nav.signOut": "退出",
  "footer.design": "设计",
  "fallback.notFound": "此地址没有页面",
  "fallback.notFound.body": "页面可能已移动，或其内容已下架。没有产生任何费用。",
  "fallback.home": "回到首页",
  "fallback.failed": "此页面出错了",
  "fallback.failed.body": "页面在您的浏览器中出错。它没有产生费用，已记录的内容也没有丢失。",
  "fallback.retry": "重试",
  "fallback.pending": "正在加载…",
  "language.label": "语言",

  "hero.title": "买卖双方，看同一块表。",
  "hero.lead":
    "算市是自带账本的 AI 市场。找到一项标准能力，通过一个 GraphQL 网关调用它；每次返回都写明哪些免费、哪些计费。",
  "hero.browse": "看看能调用什么",
  "hero.stick": "一根纵向剖开的符木。卖方一半与买方一半刻痕相同：六道细痕是免费用量，四道宽痕是增值用量。",
  "hero.seller": "卖方一半",
  "hero.buyer": "买方一半",
  "hero.caption": "古人在符木上刻痕计数，再一剖为二，买卖双方各执一半，刻痕相合。在这里，符木就是只增不改的事件日志。",
  "class.free": "免费",
  "class.valueAdded": "增值",

  "meter.title": "这块表的承诺",
  "meter.durable.title": "先落盘，再交付",
  "meter.durable.text": "用量记录安全写入磁盘之后，结果才会交付。崩溃不会漏计，也不会重复计费。",
  "meter.exact.title": "说免费，就免费",
  "meter.exact.text": "额度为 N 时，一千个并发调用恰好用掉 N 个免费单位。免费或增值只判定一次，账单照此执行。",
  "meter.replay.title": "重算，分文不差",
  "meter.replay.text": "账单、卖方结算单和总账都由日志算出。重放并比对：<code>tallystick replay --verify</code>",

  "footer.ready": "就绪状态",
  "footer.metrics": "运行指标",
  "footer.licence": "开源，Apache-2.0 许可",
};
