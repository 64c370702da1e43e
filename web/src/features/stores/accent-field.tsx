// The store's own colour, with a word on whether it can be seen in both themes.
import { useIntl } from "react-intl";
import { contrast, GROUNDS, SEEN_RATIO } from "@/lib/contrast";
import { useSay } from "@/lib/say";
import { ColourField } from "@/ui/colour-field";
import { Notice } from "@/ui/state";
import desk from "../desk/desk.module.css";

interface Props {
  value: string;
  onChange: (value: string) => void;
  error: string | null;
  isDisabled: boolean;
}

const PLATFORM_ACCENT = "#10534a";
const THEMES = ["light", "dark"] as const;

export function AccentField({ value, onChange, error, isDisabled }: Props) {
  const say = useSay();
  return (
    <div className={desk.tight}>
      <ColourField
        label={say("sell.store.accent")}
        description={say("sell.store.accent.note")}
        pickLabel={say("sell.store.accent.pick")}
        fallback={PLATFORM_ACCENT}
        value={value}
        onChange={(colour) => onChange(colour.trim())}
        error={error}
        isDisabled={isDisabled}
      />
      <Contrast colour={value} />
    </div>
  );
}

function Contrast({ colour }: { colour: string }) {
  const say = useSay();
  const intl = useIntl();
  const found = THEMES.map((theme) => ({ theme, ratio: contrast(colour, GROUNDS[theme]) ?? 0 }));
  if (found.some(({ ratio }) => ratio === 0)) return null;
  const faint = found.filter(({ ratio }) => ratio < SEEN_RATIO);
  // Rounded down, so that what is shown as enough is enough.
  const text = found
    .map(({ theme, ratio }) => say("sell.store.accent.ratio", { theme: say(`sell.theme.${theme}`), ratio: intl.formatNumber(Math.floor(ratio * 10) / 10, { minimumFractionDigits: 1 }) }))
    .join(" · ");
  return (
    <Notice tone={faint.length === 0 ? "good" : "attention"} title={text}>
      {faint.length === 0 ? say("sell.store.accent.seen") : say("sell.store.accent.faint", { themes: intl.formatList(faint.map(({ theme }) => say(`sell.theme.${theme}`))) })}
    </Notice>
  );
}
