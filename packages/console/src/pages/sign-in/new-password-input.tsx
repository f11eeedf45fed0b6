import { PasswordInput } from "@mantine/core";

/** The least that the API takes (contracts, api/users.ts). */
const MIN_PASSWORD = 12;

interface NewPasswordInputProps {
  value: string;
  onChange: (value: string) => void;
  label?: string;
}

/** A password that is chosen. Length is what counts; nothing is said of digits and signs. */
export function NewPasswordInput({ value, onChange, label = "Password" }: NewPasswordInputProps) {
  return (
    <PasswordInput
      label={label}
      description={`At least ${MIN_PASSWORD} characters. A few words in a row make a good one.`}
      autoComplete="new-password"
      required
      minLength={MIN_PASSWORD}
      maxLength={200}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
