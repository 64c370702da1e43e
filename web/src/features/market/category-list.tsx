// All categories, each with how many of its capabilities can be called.
import { FormattedMessage } from "react-intl";
import type { Locale } from "../../lib/locale";
import { VisuallyHidden } from "../../ui/visually-hidden";
import styles from "./category-list.module.css";
import { Empty } from "./empty";
import type { Category } from "./market";
import { Notches } from "./notches";

interface Props {
  categories: Category[];
  locale: Locale;
}

export function CategoryList({ categories, locale }: Props) {
  const longest = Math.max(...categories.map((category) => category.capabilityCount), 1);
  return (
    <section aria-labelledby="categories-title">
      <div className={styles.head}>
        <h3 id="categories-title">
          <FormattedMessage id="categories.title" />
        </h3>
        {categories.length > 0 && <Legend />}
      </div>
      {categories.length === 0 && <Empty title="categories.empty" next="categories.emptyNext" />}
      <ul>
        {categories.map((category) => (
          <li key={category.id} className={styles.row}>
            <bdi className={styles.name}>{category.names[locale]}</bdi>
            <Count category={category} />
            <div className={styles.stick}>
              <Notches total={category.capabilityCount} cut={category.answeredCount} longest={longest} />
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Count({ category }: { category: Category }) {
  const values = { answered: category.answeredCount, total: category.capabilityCount };
  return (
    <span className={category.answeredCount === 0 ? styles.none : styles.count}>
      <span aria-hidden="true">
        <FormattedMessage id="categories.count" values={values} />
      </span>
      <VisuallyHidden>
        <FormattedMessage id="categories.countSpoken" values={values} />
      </VisuallyHidden>
    </span>
  );
}

function Legend() {
  return (
    <p className={styles.legend} aria-hidden="true">
      <span className={styles.keyCut} />
      <FormattedMessage id="categories.cut" />
      <span className={styles.keyUncut} />
      <FormattedMessage id="categories.uncut" />
    </p>
  );
}
