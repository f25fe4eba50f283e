import { useState } from 'react';
import { useLocation } from 'wouter';
import type { GuideSummary } from '#shared/contract/guides.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { TextField } from '../../components/field.tsx';
import { paths } from '../../components/paths.ts';
import { useCommand } from '../../transport/use-method.ts';

const nameShape = /^[a-z0-9][a-z0-9-]{0,60}$/;

/** Writes what was accepted as a pack of one's own, and leads to adopting it. */
export function PublishDialog({ guide, onClose }: { guide: GuideSummary; onClose: () => void }) {
  const [name, setName] = useState(guide.name);
  const [title, setTitle] = useState(guide.title);
  const [, navigate] = useLocation();
  const publish = useCommand('guide.publish');
  const sound = nameShape.test(name) && title.trim() !== '';
  return (
    <Dialog title="Publish it as a pack?" onClose={onClose}>
      <form className="stack wide" onSubmit={(event) => { event.preventDefault(); if (sound) publish.mutate({ guideId: guide.id, name, title: title.trim() }, { onSuccess: ({ pack }) => navigate(paths.pack(pack)) }); }}>
        <ul className="bul t2">
          <li>What was accepted is written as plain files into the folder of your packs; what was left out is not.</li>
          <li>Its runbooks can be started then: you have looked at each flagged line.</li>
          <li>Next, adopt it for a system: its hosts, databases and people are asked for there.</li>
        </ul>
        <TextField label="Title" value={title} maxLength={200} onChange={(event) => setTitle(event.target.value)} error={title.trim() === '' ? 'Write a title' : undefined} />
        <TextField label="Name of its folder" mono value={name} maxLength={61} onChange={(event) => setName(event.target.value)} error={nameShape.test(name) ? undefined : 'Small letters, digits and dashes'} />
        {publish.error === null ? null : <ErrorPanel error={publish.error} title="It was not published." />}
        <div className="btns">
          <button type="button" className="btn lg" data-autofocus onClick={onClose}>Cancel</button>
          <Button size="lg" look="primary" type="submit" disabled={!sound || publish.isPending}>Publish pack</Button>
        </div>
      </form>
    </Dialog>
  );
}
