//! Where things live: every visitor id and every address belongs to one of 4,096 buckets, and a
//! shop's buckets are spread over its shard objects.
//!
//! The bucket is a keyed hash that the edge computes. A browser may hint at the number of objects
//! (it read it from the pointer); a shard that is not the right one says so and names the number.

use serde::{Deserialize, Serialize};

use crate::id::Malformed;

/// How many buckets there are, for every shop, for ever.
pub const BUCKETS: u16 = 4_096;

/// One of the 4,096 buckets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Bucket(u16);

impl Bucket {
    /// The bucket of a keyed hash: its first twelve bits.
    pub const fn of_hash(hash: &[u8; 32]) -> Self {
        Self(((hash[0] as u16) << 4) | ((hash[1] as u16) >> 4))
    }

    /// The bucket with that number, 0 to 4,095.
    pub const fn from_number(number: u16) -> Result<Self, Malformed> {
        if number < BUCKETS { Ok(Self(number)) } else { Err(Malformed("expected a bucket from 0 to 4095")) }
    }

    /// Its number, 0 to 4,095.
    pub const fn number(self) -> u16 {
        self.0
    }
}

/// How a shop's buckets are spread over its shard objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct Placement {
    objects: u16,
}

impl Placement {
    /// The most shard objects one shop can have.
    pub const MOST: u16 = 64;
    /// One object: enough for nearly every shop.
    pub const ONE: Self = Self { objects: 1 };

    /// A shop with so many shard objects, 1 to 64.
    pub const fn over(objects: u16) -> Result<Self, Malformed> {
        if 1 <= objects && objects <= Self::MOST {
            Ok(Self { objects })
        } else {
            Err(Malformed("expected 1 to 64 objects"))
        }
    }

    /// How many shard objects there are.
    pub const fn objects(self) -> u16 {
        self.objects
    }

    /// Which object holds a bucket. Neighbouring buckets stay together.
    pub const fn object_of(self, bucket: Bucket) -> u16 {
        // 4,095 * 64 fits in a u32, and the quotient is below `objects`, a u16.
        #[allow(clippy::cast_possible_truncation)]
        let object = ((bucket.0 as u32 * self.objects as u32) / BUCKETS as u32) as u16;
        object
    }
}

impl TryFrom<u16> for Placement {
    type Error = Malformed;

    fn try_from(objects: u16) -> Result<Self, Malformed> {
        Self::over(objects)
    }
}

impl From<Placement> for u16 {
    fn from(placement: Placement) -> Self {
        placement.objects
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_object_gets_its_share_of_the_buckets() {
        for objects in 1..=Placement::MOST {
            let placement = Placement::over(objects).unwrap();
            let mut held = vec![0_u16; usize::from(objects)];
            for number in 0..BUCKETS {
                held[usize::from(placement.object_of(Bucket::from_number(number).unwrap()))] += 1;
            }
            let (least, most) = (held.iter().min().unwrap(), held.iter().max().unwrap());
            assert!(most - least <= 1, "{objects} objects: {held:?}");
        }
    }

    #[test]
    fn the_last_hash_is_in_the_last_bucket() {
        assert_eq!(Bucket::of_hash(&[0xff; 32]).number(), BUCKETS - 1);
        assert_eq!(Bucket::of_hash(&[0; 32]).number(), 0);
    }
}
