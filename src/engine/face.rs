//! The only place that makes callbacks that are a vhost's, and no request's.

use super::Engine;
use super::call::{Call, Input, Reason, Who};
use super::table::Key;
use super::vhost::{Face, Vhost};

impl Engine {
    /// A callback to a vhost's protocol.
    pub(crate) fn face_call(
        &self,
        face: Key<Face>,
        reason: Reason,
        user: usize,
        input: Input,
    ) -> Option<Call> {
        let entry = self.faces.get(face)?;
        let protocols = &self.vhosts.get(entry.vhost)?.config.protocols;
        Some(Call {
            who: Who::Face(face),
            reason,
            callback: protocols.get(usize::from(entry.protocol))?.callback,
            user,
            input,
        })
    }

    /// One callback to every protocol of a vhost, or of all.
    pub(crate) fn face_calls(&self, vhost: Option<Key<Vhost>>, reason: Reason) -> Vec<Call> {
        let vhosts = self.vhosts.iter();
        let chosen = vhosts.filter(|(key, _)| vhost.is_none_or(|vhost| vhost == *key));
        chosen
            .flat_map(|(_, entry)| &entry.config.protocols)
            .filter_map(|protocol| {
                let input = match reason {
                    Reason::ProtocolInit => Input::Pointer(protocol.options),
                    _ => Input::None,
                };
                self.face_call(protocol.face?, reason, 0, input)
            })
            .collect()
    }

    /// The first vhost's protocols[0], for callbacks that are the context's.
    pub(crate) fn first_face(&self, vhost: Option<Key<Vhost>>) -> Option<Key<Face>> {
        let mut vhosts = self.vhosts.iter();
        let (_, entry) = vhosts.find(|(key, _)| vhost.is_none_or(|vhost| vhost == *key))?;
        entry.config.protocols.first()?.face
    }
}
