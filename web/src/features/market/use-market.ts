// Loads the market once the page is there, and again when asked after a failure.
import { useEffect, useState } from "react";
import { QueryFailure, type FailureKind } from "../../lib/graphql";
import { loadMarket, type Market } from "./market";

export type MarketState =
  { phase: "loading" } | { phase: "ready"; market: Market } | { phase: "failed"; kind: FailureKind };

export function useMarket(): { state: MarketState; retry: () => void } {
  const [state, setState] = useState<MarketState>({ phase: "loading" });
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    const leaving = new AbortController();
    const settle = (next: MarketState) => {
      if (!leaving.signal.aborted) setState(next);
    };
    loadMarket(leaving.signal).then(
      (market) => settle({ phase: "ready", market }),
      (error: unknown) => settle({ phase: "failed", kind: kindOf(error) }),
    );
    return () => leaving.abort();
  }, [attempt]);
  const retry = () => {
    setState({ phase: "loading" });
    setAttempt((count) => count + 1);
  };
  return { state, retry };
}

function kindOf(error: unknown): FailureKind {
  if (error instanceof QueryFailure) return error.kind;
  throw error;
}
