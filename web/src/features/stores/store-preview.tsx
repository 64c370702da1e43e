// A store's page in small, as its draft would look.
import type { CSSProperties } from "react";
import { useIntl } from "react-intl";
import { HEX_COLOUR } from "@/lib/contrast";
import { textIn } from "@/lib/localized";
import { useSay } from "@/lib/say";
import { Badge } from "@/ui/badge";
import { Card } from "@/ui/page";
import type { StoreDraft } from "./store-draft";
import styles from "./store-preview.module.css";

export function StorePreview({ draft, logo }: { draft: StoreDraft; logo: string | null }) {
  const say = useSay();
  const { locale } = useIntl();
  const name = textIn(draft.name, locale).trim();
  const description = textIn(draft.description, locale).trim();
  const accent = (HEX_COLOUR.test(draft.accent) ? { "--accent": draft.accent } : {}) as CSSProperties;
  return (
    <section aria-label={say("sell.store.preview")}>
      <p className={styles.caption}>{say("sell.store.preview")}</p>
      <Card>
        <div className={styles.page} style={accent}>
          {logo !== null && <img className={styles.logo} src={logo} alt={say("sell.logo.alt")} />}
          <p className={styles.name}>
            <bdi>{name === "" ? say("sell.store.preview.name") : name}</bdi>
          </p>
          <p>
            <Badge>{say(`sell.publisher.${draft.kind}`)}</Badge>
          </p>
          <p className={styles.description}>
            <bdi>{description === "" ? say("sell.store.preview.description") : description}</bdi>
          </p>
          {draft.website.trim() !== "" && (
            <p className={styles.website}>
              <bdi>{draft.website.trim()}</bdi>
            </p>
          )}
          <p className={styles.address}>/stores/{draft.slug}</p>
        </div>
      </Card>
    </section>
  );
}
