// What this browser remembers of its reader: language and appearance.
import { useLocale } from "@/lib/intl";
import { useSay } from "@/lib/say";
import { KeyValue } from "@/ui/page";
import { LanguageSwitch } from "@/ui/language-switch";
import { ThemeSwitch } from "@/ui/theme-switch";
import styles from "./accounts.module.css";

export function Preferences() {
  const say = useSay();
  const { locale, choose } = useLocale();
  return (
    <KeyValue
      entries={[
        [
          say("usage.profile.language"),
          <span key="language" className={styles.inline}>
            <LanguageSwitch locale={locale} onLocale={choose} />
          </span>,
        ],
        [say("usage.profile.theme"), <ThemeSwitch key="theme" />],
      ]}
    />
  );
}
