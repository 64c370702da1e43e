// The message catalogues by locale, and their ids made known to react-intl's types.
import type { Locale } from "../lib/locale";
import { en, type MessageId } from "./en";
import { zh } from "./zh";

export const MESSAGES: Record<Locale, Record<MessageId, string>> = { en, zh };

declare global {
  namespace FormatjsIntl {
    interface Message {
      ids: MessageId;
    }
    interface IntlConfig {
      locale: Locale;
    }
  }
}
