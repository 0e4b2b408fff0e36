//! Numbers by chance, the same in each run, so that what they have found can be found again.

/// A source of numbers.
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    /// The same text gives the same numbers.
    pub fn of(text: &str) -> Self {
        // FNV-1a, <http://www.isthe.com/chongo/tech/comp/fnv/>.
        Self(
            text.bytes()
                .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)),
        )
    }

    /// A number from 0, below a limit.
    pub fn below(&mut self, limit: usize) -> usize {
        // SplitMix64, <https://prng.di.unimi.it/splitmix64.c>.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut it = self.0;
        it = (it ^ (it >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        it = (it ^ (it >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((it ^ (it >> 31)) >> 33).unwrap() % limit
    }
}
