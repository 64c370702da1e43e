// What this month's use costs so far and will have cost at its end, with the band of the forecast.
import { useIntl } from "react-intl";
import { addDecimals, compareDecimals, formatMoney, groupDigits, shareOf } from "@/lib/numbers";
import { useSay } from "@/lib/say";
import { ExactCharge } from "@/ui/numbers";
import { Stat } from "@/ui/stat";
import { useCountedPeriod } from "./counted-days";
import { approximate } from "./share";
import type { GlanceSpendQuery } from "./glance.generated";
import styles from "./spend.module.css";

type Forecast = GlanceSpendQuery["spendForecast"][number];

export function SpendStats({ forecast, zone }: { forecast: Forecast; zone: string }) {
  const say = useSay();
  const counted = useCountedPeriod();
  const { locale } = useIntl();
  const { currencyCode, period, spent, basisDays } = forecast;
  const about = (amount: string) => formatMoney(approximate(amount, 2), currencyCode, locale);
  return (
    <>
      <Stat
        label={say("usage.spend.spent", { currency: currencyCode })}
        value={<ExactCharge exact={spent} currencyCode={currencyCode} />}
        note={`${counted(period, zone)} · ${say("usage.explore.charge.note")}`}
      />
      <Stat
        label={say("usage.spend.forecast", { currency: currencyCode })}
        value={say("usage.spend.about", { amount: about(forecast.forecast) })}
        note={
          <>
            <Band forecast={forecast} label={say("usage.spend.band", { low: about(forecast.low), high: about(forecast.high) })} />
            <span>{say("usage.spend.band", { low: about(forecast.low), high: about(forecast.high) })}</span>
            <br />
            <span>{basisDays === 0 ? say("usage.spend.basis.none") : say("usage.spend.basis", { days: groupDigits(String(basisDays)) })}</span>
          </>
        }
      />
    </>
  );
}

const WIDTH = 200;

/** Spent so far as a solid bar, the band as a hatched one, the forecast as a line. */
function Band({ forecast: { spent, forecast, low, high }, label }: { forecast: Forecast; label: string }) {
  const most = addDecimals(approximate(high, 6), "0");
  if (compareDecimals(most, "0") <= 0) return null;
  const at = (amount: string) => shareOf(approximate(amount, 6), most) * WIDTH;
  return (
    <svg className={styles.band} viewBox={`0 0 ${WIDTH} 12`} preserveAspectRatio="none" role="img" aria-label={label}>
      <rect className={styles.track} width={WIDTH} height="12" />
      <rect className={styles.range} x={at(low)} width={Math.max(at(high) - at(low), 1)} height="12" />
      <rect className={styles.spent} width={at(spent)} height="12" />
      <path className={styles.forecast} d={`M${at(forecast)} 0V12`} />
    </svg>
  );
}
