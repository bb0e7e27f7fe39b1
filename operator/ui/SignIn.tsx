/** The sign-in form: two fields that password managers understand, and a plain word about what went wrong. */
import { useEffect, useRef } from 'preact/hooks';
import type { TargetedSubmitEvent } from 'preact';
import type { LoginRequest } from '../../shared/wire/workplace.ts';
import type { SignInProblem } from '../session/account.ts';
import { Icon } from './Icon.tsx';
import { signInProblem, t } from './strings.ts';

interface SignInProps {
  problem: SignInProblem;
  isBusy: boolean;
  onSignIn(request: LoginRequest): void;
}

export function SignIn({ problem, isBusy, onSignIn }: SignInProps) {
  const email = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);
  const text = signInProblem(problem);

  useEffect(() => {
    email.current?.focus();
  }, []);
  useEffect(() => {
    if (problem === 'wrong') password.current?.select();
  }, [problem, isBusy]);

  const handleSubmit = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    onSignIn({ email: email.current?.value.trim() ?? '', password: password.current?.value ?? '' });
  };

  return (
    <main class="door">
      <form class="door-form" onSubmit={handleSubmit} aria-labelledby="door-title">
        <span class="mark" aria-hidden="true">
          <Icon name="chat" />
        </span>
        <h1 id="door-title">{t.signInTitle}</h1>
        <p class="muted">{t.signInHint}</p>
        <label class="field">
          <span>{t.email}</span>
          <input
            ref={email}
            type="email"
            name="email"
            autocomplete="username"
            required
            maxLength={254}
            spellcheck={false}
            aria-describedby="door-problem"
          />
        </label>
        <label class="field">
          <span>{t.password}</span>
          <input
            ref={password}
            type="password"
            name="password"
            autocomplete="current-password"
            required
            maxLength={1000}
            aria-describedby="door-problem"
          />
        </label>
        <p id="door-problem" class="problem" role="alert">
          {text}
        </p>
        <button class="button button-primary button-wide" type="submit" disabled={isBusy}>
          {isBusy ? t.signingIn : t.signIn}
        </button>
      </form>
    </main>
  );
}
