// A menu of actions behind one button.
import type { ReactNode } from "react";
import { Button } from "react-aria-components/Button";
import { Menu as AriaMenu, MenuItem as AriaMenuItem, MenuTrigger } from "react-aria-components/Menu";
import { Popover } from "react-aria-components/Popover";
import { useIntl } from "react-intl";
import { buttonClass, type ButtonSize, type ButtonVariant } from "./button-class";
import { classNames } from "./class-names";
import { Icon } from "./icons";
import styles from "./overlay.module.css";

interface MenuProps {
  /** The text of the button; without it three dots show and `More actions` is read out. */
  label?: string | undefined;
  variant?: ButtonVariant | undefined;
  size?: ButtonSize | undefined;
  children: ReactNode;
}

export function Menu({ label, variant = "quiet", size, children }: MenuProps) {
  const intl = useIntl();
  const name = label ?? intl.formatMessage({ id: "ui.more" });
  return (
    <MenuTrigger>
      <Button className={buttonClass(variant, size)} aria-label={name}>
        {label}
        <Icon name={label === undefined ? "more" : "chevronDown"} />
      </Button>
      <Popover className={styles.popover ?? ""} placement="bottom end">
        <AriaMenu className={styles.list ?? ""} aria-label={name}>
          {children}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  );
}

interface MenuItemProps {
  children: string;
  onAction: () => void;
  tone?: "neutral" | "danger" | undefined;
  isDisabled?: boolean | undefined;
}

export function MenuItem({ children, onAction, tone = "neutral", isDisabled = false }: MenuItemProps) {
  return (
    <AriaMenuItem
      className={classNames(styles.option, tone === "danger" && styles.danger)}
      onAction={onAction}
      isDisabled={isDisabled}
      textValue={children}
    >
      {children}
    </AriaMenuItem>
  );
}
