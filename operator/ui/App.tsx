/** The whole screen: a look for an earlier sign-in, the sign-in form, or the workplace. */
import type { Account } from '../session/account.ts';
import type { DeviceControls } from '../session/contract.ts';
import { SignIn } from './SignIn.tsx';
import { Workplace } from './Workplace.tsx';
import { t } from './strings.ts';

export function App({ account, device }: { account: Account; device: DeviceControls }) {
  const state = account.state.value;
  switch (state.type) {
    case 'checking':
      return (
        <p class="splash" role="status">
          {t.loading}
        </p>
      );
    case 'signed_out':
      return <SignIn problem={state.problem} isBusy={state.isBusy} onSignIn={account.signIn} />;
    case 'signed_in':
      // Another sign-in is another screen: nothing of the one before stays.
      return <Workplace key={state.operator.csrf} session={state.session} device={device} />;
  }
}
