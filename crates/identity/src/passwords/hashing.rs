//! Hashing and checking passwords with argon2id, a few at a time.

use std::{fmt, num::NonZeroUsize, sync::Arc, thread::available_parallelism, time::Duration};

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version,
    password_hash::phc::{Output, ParamsString, PasswordHash, Salt},
};
use formhold_domain::Ids;
use thiserror::Error;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::spawn_blocking,
    time::timeout,
};

use super::Password;

const SALT_BYTES: usize = 16;
const OUTPUT_BYTES: usize = 32;

/// What one hash costs; see
/// <https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html#argon2id>.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameters {
    /// Memory, in KiB.
    pub memory_kib: u32,
    /// How often the memory is gone through.
    pub passes: u32,
    /// How many lanes the memory has.
    pub lanes: u32,
}

impl Default for Parameters {
    /// OWASP's first choice for a server: 19 MiB, two passes, one lane.
    fn default() -> Self {
        Self { memory_kib: 19 * 1024, passes: 2, lanes: 1 }
    }
}

/// How many passwords are hashed at a time, so that signing in takes neither all processors nor all
/// memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Concurrency {
    /// How many are hashed at once; at least one is.
    pub at_once: usize,
    /// How many may wait for their turn.
    pub max_waiting: usize,
    /// How long one may wait for its turn.
    pub max_wait: Duration,
}

impl Default for Concurrency {
    /// As many at once as there are processors, but at most 4; 256 wait for up to 10 seconds.
    fn default() -> Self {
        let processors = available_parallelism().map_or(1, NonZeroUsize::get);
        Self { at_once: processors.min(4), max_waiting: 256, max_wait: Duration::from_secs(10) }
    }
}

/// Too many passwords are being hashed. Try again in a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("too many passwords are being checked; try again in a moment")]
pub struct Busy;

/// argon2 does not take these parameters.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("argon2 does not take these parameters: {0}")]
pub struct ParametersError(String);

/// What came of checking a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// It is the account's password.
    pub matches: bool,
    /// The stored hash was made in another way than new ones are. Where the password matches, hash it
    /// again and store that.
    pub outdated: bool,
}

/// Hashes and checks passwords.
#[derive(Clone)]
pub struct Passwords {
    params: Params,
    /// What is checked where there is no account: no password is known for it.
    nobody: PasswordHash,
    /// For all that are hashed or wait.
    places: Arc<Semaphore>,
    /// For those that are hashed.
    turns: Arc<Semaphore>,
    max_wait: Duration,
    ids: Arc<dyn Ids>,
}

impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Passwords").field("params", &self.params).finish_non_exhaustive()
    }
}

impl Passwords {
    /// Sets up hashing. Salts come from `ids`.
    ///
    /// # Errors
    /// When argon2 does not take the parameters.
    pub fn new(
        parameters: Parameters,
        concurrency: Concurrency,
        ids: Arc<dyn Ids>,
    ) -> Result<Self, ParametersError> {
        let Parameters { memory_kib, passes, lanes } = parameters;
        let params = Params::new(memory_kib, passes, lanes, Some(OUTPUT_BYTES))
            .map_err(|error| ParametersError(error.to_string()))?;
        let at_once = concurrency.at_once.max(1);
        Ok(Self {
            nobody: nobody(&params),
            params,
            places: Arc::new(Semaphore::new(at_once + concurrency.max_waiting)),
            turns: Arc::new(Semaphore::new(at_once)),
            max_wait: concurrency.max_wait,
            ids,
        })
    }

    /// Hashes a password, as a string in the format of the Password Hashing Competition, of up to 128
    /// bytes.
    ///
    /// # Errors
    /// When too many are waiting, or this one waited too long.
    pub async fn hash(&self, password: &Password) -> Result<String, Busy> {
        let (params, password, random) = (self.params.clone(), password.clone(), self.ids.secret());
        self.in_turn(move || {
            let hash = argon2(params)
                .hash_password_with_salt(password.as_bytes(), &random[..SALT_BYTES])
                .expect("the parameters were checked and the salt is as long as it should be");
            hash.to_string()
        })
        .await
    }

    /// Checks a password against the hash of the account, or of none: that takes as long as a current
    /// hash does, so that the time does not tell whether there is an account. A hash that cannot be
    /// read matches nothing.
    ///
    /// # Errors
    /// When too many are waiting, or this one waited too long.
    pub async fn verify(&self, password: &Password, phc: Option<&str>) -> Result<Verified, Busy> {
        let stored = phc.and_then(|text| PasswordHash::new(text).ok());
        let is_somebody = stored.is_some();
        let hash = stored.unwrap_or_else(|| self.nobody.clone());
        let outdated = !is_current(&self.params, &hash);
        let (params, password) = (self.params.clone(), password.clone());
        self.in_turn(move || {
            let matches = argon2(params).verify_password(password.as_bytes(), &hash).is_ok();
            Verified { matches: matches && is_somebody, outdated }
        })
        .await
    }

    /// Works on a thread that may block, when it is its turn. Its place is taken until it is done,
    /// also where the caller has gone.
    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Busy> {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| Busy)?;
        let turn = timeout(self.max_wait, Arc::clone(&self.turns).acquire_owned());
        let turn = turn.await.map_err(|_| Busy)?.map_err(|_| Busy)?;
        let held: [OwnedSemaphorePermit; 2] = [place, turn];
        let working = spawn_blocking(move || {
            let result = work();
            drop(held);
            result
        });
        match working.await {
            Ok(result) => Ok(result),
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            // The program is stopping.
            Err(_) => Err(Busy),
        }
    }
}

fn argon2(params: Params) -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn is_current(params: &Params, hash: &PasswordHash) -> bool {
    let same = |stored: &Params| {
        (stored.m_cost(), stored.t_cost(), stored.p_cost())
            == (params.m_cost(), params.t_cost(), params.p_cost())
    };
    hash.algorithm.as_str() == Algorithm::Argon2id.as_str()
        && hash.version == Some(Version::V0x13.into())
        && Params::try_from(hash).is_ok_and(|stored| same(&stored))
}

/// A hash that no password is known for, which takes as long to check as a current one.
fn nobody(params: &Params) -> PasswordHash {
    PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(params).expect("checked parameters can be written"),
        salt: Some(Salt::new(&[0; SALT_BYTES]).expect("the length of a salt")),
        hash: Some(Output::new(&[0; OUTPUT_BYTES]).expect("the length of a hash")),
    }
}

#[cfg(test)]
mod tests {
    use formhold_domain::RandomIds;

    use super::{Arc, Busy, Concurrency, Duration, Parameters, Password, Passwords};

    fn passwords(concurrency: Concurrency) -> Passwords {
        let parameters = Parameters { memory_kib: 64, passes: 1, lanes: 1 };
        Passwords::new(parameters, concurrency, Arc::new(RandomIds)).expect("parameters")
    }

    fn password() -> Password {
        Password::for_sign_in("mit Senf und Kraut").expect("short")
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_longer_than_the_limit_is_told_so() {
        let passwords = passwords(Concurrency { at_once: 1, ..Concurrency::default() });
        let turn = passwords.turns.acquire().await.expect("open");
        let start = tokio::time::Instant::now();
        assert_eq!(passwords.hash(&password()).await, Err(Busy));
        assert_eq!(start.elapsed().as_secs(), 10);
        drop(turn);
        assert!(passwords.hash(&password()).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn one_more_than_may_wait_is_refused_at_once() {
        let max_wait = Duration::from_secs(10);
        let passwords = passwords(Concurrency { at_once: 2, max_waiting: 3, max_wait });
        let turns = passwords.turns.acquire_many(2).await.expect("open");
        let in_work: Vec<_> =
            (0..2).map(|_| Arc::clone(&passwords.places).try_acquire_owned()).collect();
        let waiting: Vec<_> = (0..3)
            .map(|_| {
                let passwords = passwords.clone();
                tokio::spawn(async move { passwords.verify(&password(), None).await })
            })
            .collect();
        tokio::task::yield_now().await;
        let start = tokio::time::Instant::now();
        assert_eq!(passwords.verify(&password(), None).await, Err(Busy));
        assert_eq!(start.elapsed(), Duration::ZERO);
        drop((turns, in_work));
        for one in waiting {
            assert!(one.await.expect("it ends").is_ok());
        }
        assert!(passwords.hash(&password()).await.is_ok());
        assert_eq!(passwords.places.available_permits(), 5);
    }

    #[tokio::test]
    async fn a_caller_that_goes_away_gives_its_place_back() {
        let max_wait = Duration::from_secs(10);
        let passwords = passwords(Concurrency { at_once: 1, max_waiting: 64, max_wait });
        let turn = passwords.turns.acquire().await.expect("open");
        let gone = tokio::spawn({
            let passwords = passwords.clone();
            async move { passwords.hash(&password()).await }
        });
        tokio::task::yield_now().await;
        assert_eq!(passwords.places.available_permits(), 64);
        gone.abort();
        assert!(gone.await.is_err());
        assert_eq!(passwords.places.available_permits(), 65);
        drop(turn);
    }
}
