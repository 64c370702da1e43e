// A value that follows another once that has stood still: what is typed is asked for when the typing pauses.
import { useEffect, useState } from "react";

export function useDelayed<Value>(value: Value, milliseconds = 250): Value {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), milliseconds);
    return () => clearTimeout(timer);
  }, [value, milliseconds]);
  return settled;
}
