// What the first charged unit costs on the market, by meter and currency.
import type { PriceRange } from "@/gql/types";
import { trimZeros } from "@/lib/numbers";
import { Money, useMeterUnit } from "@/ui/numbers";

type Range = Pick<PriceRange, "meter" | "currencyCode" | "min" | "max">;

export function PriceRanges({ ranges }: { ranges: readonly Range[] }) {
  const unit = useMeterUnit();
  if (ranges.length === 0) return "–";
  return (
    <ul>
      {ranges.map(({ meter, currencyCode, min, max }) => (
        <li key={`${meter} ${currencyCode}`}>
          <Money amount={trimZeros(min)} currencyCode={currencyCode} />
          {min !== max && (
            <>
              {" – "}
              <Money amount={trimZeros(max)} currencyCode={currencyCode} />
            </>
          )}
          {" / "}
          {unit(meter, "1")}
        </li>
      ))}
    </ul>
  );
}
