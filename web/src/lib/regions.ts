// Countries, currencies and time zones as one chooses them in forms: codes of the standards, names from the browser.

/** ISO 3166-1 alpha-2. */
const COUNTRIES =
  "AD AE AF AG AI AL AM AO AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GT GU GW GY HK HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW".split(
    " ",
  );

export interface Named {
  value: string;
  label: string;
}

/** Every country by its name in a language, in that language's order. */
export function countries(locale: string): Named[] {
  const names = new Intl.DisplayNames(locale, { type: "region" });
  return inOrder(COUNTRIES.map((value) => ({ value, label: names.of(value) ?? value })), locale);
}

/** Every currency as code and name. */
export function currencies(locale: string): Named[] {
  const names = new Intl.DisplayNames(locale, { type: "currency" });
  return Intl.supportedValuesOf("currency").map((value) => ({ value, label: `${value} · ${names.of(value) ?? value}` }));
}

/** Every IANA time zone that the browser knows. */
export function timeZones(): string[] {
  const known = Intl.supportedValuesOf("timeZone");
  const own = ownTimeZone();
  return known.includes(own) ? known : [own, ...known];
}

/** The time zone that the browser stands in. */
export function ownTimeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}

/** The country that the browser's first language with a region names, or none. */
export function ownCountry(): string {
  for (const tag of navigator.languages) {
    const region = new Intl.Locale(tag).region;
    if (region !== undefined && COUNTRIES.includes(region)) return region;
  }
  return "";
}

function inOrder(named: Named[], locale: string): Named[] {
  const { compare } = new Intl.Collator(locale);
  return named.sort((a, b) => compare(a.label, b.label));
}
