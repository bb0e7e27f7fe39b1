/** The bar: whether the line holds, whether visitors can reach me, sound, and the way out. */
import type { ConnectionStatus, DeviceControls, Session } from '../session/contract.ts';
import { Icon } from './Icon.tsx';
import { t } from './strings.ts';

const CONNECTION: Record<ConnectionStatus, string> = {
  connecting: t.connecting,
  online: t.connected,
  offline: t.offline,
  closed: t.closed,
};

export function TopBar({ session, device }: { session: Session; device: DeviceControls }) {
  const self = session.self.value;
  const connection = session.connection.value;
  return (
    <header class="bar">
      <span class="mark" aria-hidden="true">
        <Icon name="chat" />
      </span>
      <h1 class="bar-title">{t.product}</h1>
      <p class={`connection connection-${connection}`} role="status">
        <span class="dot" aria-hidden="true" />
        <span class="connection-text">{CONNECTION[connection]}</span>
      </p>
      <span class="space" />
      <Switch label={t.sound} isOn={device.isSoundOn.value} onChange={device.setSound} hint={t.soundHint} />
      <Switch label={t.online} isOn={self.isOnline} onChange={session.setOnline} hint={t.onlineHint} isStrong />
      <bdi class="bar-name">{self.name}</bdi>
      <button type="button" class="button button-quiet" onClick={device.signOut}>
        {t.signOut}
      </button>
    </header>
  );
}

interface SwitchProps {
  label: string;
  isOn: boolean;
  hint?: string;
  isStrong?: boolean;
  onChange(isOn: boolean): void;
}

function Switch({ label, isOn, hint, isStrong = false, onChange }: SwitchProps) {
  return (
    <button
      type="button"
      role="switch"
      aria-checked={isOn}
      class={`switch ${isStrong ? 'switch-strong' : ''}`}
      title={hint}
      onClick={() => onChange(!isOn)}
    >
      <span class="switch-track" aria-hidden="true">
        <span class="switch-thumb" />
      </span>
      <span>{label}</span>
    </button>
  );
}
