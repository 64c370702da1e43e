// Where the focus goes after something was refused.

/** Takes the focus to the first field of a form that is marked as wrong, once the marks are painted. */
export function focusFirstWrong(form: HTMLFormElement): void {
  requestAnimationFrame(() => form.querySelector<HTMLElement>('[aria-invalid="true"]:is(input, textarea, select)')?.focus());
}
