// The product's mark: the two halves of a split tally stick, notch over notch.
export function TallyMark({ className }: { className?: string | undefined }) {
  return (
    <svg className={className} viewBox="3 6 26 19" aria-hidden="true" focusable="false">
      <path fill="var(--value-added)" d="M4 8h5l2 5.6L13 8h3l2 5.6L20 8h8v6.6H4z" />
      <path fill="var(--free)" d="M4 17h20v7h-4l-2-5.6-2 5.6h-3l-2-5.6L9 24H4z" />
    </svg>
  );
}
