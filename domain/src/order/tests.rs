use proptest::prelude::*;

use super::*;

fn money(decimal: &str) -> Money {
    Money::exact(decimal, "EUR".parse().unwrap()).unwrap()
}

fn latest<T: Ord>(at: i64, value: T) -> Latest<T> {
    Latest::new(Timestamp(at), value)
}

fn order(id: &str) -> OrderRecord {
    OrderRecord::new(OrderName::Id(id.into()))
}

/// Any one thing that can be said of an order.
fn said_of_an_order() -> impl Strategy<Value = OrderRecord> {
    let name = prop::sample::select(vec![
        OrderName::Id("1".into()),
        OrderName::Id("2".into()),
        OrderName::Payment("pi_1".into()),
        OrderName::Payment("pi_2".into()),
    ]);
    let also = prop::option::of(prop::sample::select(vec![
        OrderName::Payment("pi_1".into()),
        OrderName::Number("1001".into()),
    ]));
    (name, also, 0..5_i64, 0..9_u8, 0..3_u8, 0..4_i64).prop_map(|(name, also, at, what, id, value)| {
        let mut record = OrderRecord::new(name).also_called(also);
        let id = id.to_string();
        let amount = latest(at, Money { minor: value, ..money("0") });
        match what {
            0 => record.placed_at = Some(Timestamp(at)),
            1 => record.cancelled_at = Some(Timestamp(at)),
            2 => record.total = Some(amount),
            3 => record.payments = BTreeMap::from([(id, amount)]),
            4 => record.refunds = BTreeMap::from([(id, amount)]),
            5 => record.deliveries = BTreeMap::from([(id, latest(at, Timestamp(value)))]),
            6 => record.codes = BTreeSet::from([id]),
            7 => {
                let status = [FulfilmentStatus::Pending, FulfilmentStatus::Shipped, FulfilmentStatus::Cancelled];
                let status = status[usize::try_from(value).unwrap() % 3];
                record.fulfil(id, Fulfilment { status: Some(latest(at, status)), ..Fulfilment::default() });
            }
            _ => {
                let status = [ReturnStatus::Requested, ReturnStatus::Open, ReturnStatus::Closed];
                let status = status[usize::try_from(value).unwrap() % 3];
                record.take_back(id, Return { status: Some(latest(at, status)), reason: None });
            }
        }
        record
    })
}

fn book(told: impl IntoIterator<Item = OrderRecord>) -> OrderBook {
    let mut book = OrderBook::default();
    told.into_iter().for_each(|record| book.take(record));
    book
}

proptest! {
    #[test]
    fn any_order_of_arrival_and_any_repetition_gives_the_same_facts(
        (told, shuffled) in prop::collection::vec(said_of_an_order(), 1..12).prop_flat_map(|told| {
            let twice: Vec<_> = told.iter().chain(&told).cloned().collect();
            (Just(told), Just(twice).prop_shuffle())
        })
    ) {
        prop_assert_eq!(book(told), book(shuffled));
    }

    #[test]
    fn joining_is_associative_and_idempotent(a in said_of_an_order(), b in said_of_an_order(), c in said_of_an_order()) {
        let joined = |a: &OrderRecord, b: &OrderRecord| { let mut a = a.clone(); a.join(b.clone()); a };
        prop_assert_eq!(joined(&joined(&a, &b), &c), joined(&a, &joined(&b, &c)));
        prop_assert_eq!(joined(&a, &b), joined(&b, &a));
        prop_assert_eq!(joined(&a, &a), a);
    }
}

#[test]
fn paid_and_refunded_are_added_up_by_their_ids() {
    let mut record = order("1");
    record.total = Some(latest(1, money("30")));
    for (id, at, amount) in [("p1", 1, "10"), ("p2", 1, "20"), ("p1", 2, "15"), ("p1", 1, "99")] {
        let mut said = order("1");
        said.payments.insert(id.into(), latest(at, money(amount)));
        record.join(said);
    }
    record.refunds.insert("r1".into(), latest(3, money("5.50")));
    let state = record.state();
    assert_eq!((state.paid, state.refunded, state.kept_minor()), (Some(money("35")), Some(money("5.50")), 2_950));
}

#[test]
fn an_order_is_delivered_when_its_last_parcel_has_arrived() {
    let shipped = || Fulfilment { status: Some(latest(1, FulfilmentStatus::Shipped)), ..Fulfilment::default() };
    let mut record = order("1");
    record.fulfil("a".into(), shipped());
    record.fulfil("b".into(), shipped());
    record.deliveries.insert("a".into(), latest(5, Timestamp(5)));
    assert_eq!(record.state().delivered_at, None);
    assert_eq!(record.state().shipped_at, Some(Timestamp(1)));
    record.deliveries.insert("b".into(), latest(7, Timestamp(6)));
    assert_eq!(record.state().delivered_at, Some(Timestamp(6)));
    let cancelled = Fulfilment { status: Some(latest(9, FulfilmentStatus::Cancelled)), ..Fulfilment::default() };
    record.deliveries.remove("b");
    record.fulfil("b".into(), cancelled);
    assert_eq!(record.state().delivered_at, Some(Timestamp(5)));
}

#[test]
fn a_return_is_open_until_it_is_concluded() {
    let said = |at, status| Return { status: Some(latest(at, status)), reason: None };
    let mut record = order("1");
    record.take_back("r".into(), said(2, ReturnStatus::Requested));
    assert_eq!(record.state().open_returns, BTreeSet::from(["r".to_owned()]));
    record.take_back("r".into(), said(3, ReturnStatus::Closed));
    record.take_back("r".into(), said(1, ReturnStatus::Open));
    assert!(record.state().open_returns.is_empty());
}

#[test]
fn the_order_on_the_thank_you_page_is_the_one_the_server_tells_of() {
    let seen =
        |id: &str| event::Order { id: id.into(), total: None, currency: None, items: Vec::new(), codes: Vec::new() };
    let mut earlier = order("450789470").also_called(Some(OrderName::number("#1001")));
    earlier.placed_at = Some(Timestamp(1));
    let mut later = order("450789469").also_called(Some(OrderName::number("#1001")));
    later.placed_at = Some(Timestamp(2));
    let book = book([earlier, later]);
    for word in ["1001", "#1001", "450789469"] {
        assert_eq!(book.find_seen(&seen(word)).map(OrderRecord::id), Some("450789469"), "{word}");
    }
    assert_eq!(book.find_seen(&seen("1002")), None);
}

#[test]
fn a_payment_told_of_before_its_order_joins_it() {
    let mut paid = OrderRecord::new(OrderName::Payment("pi_1".into()));
    paid.payments.insert("pi_1".into(), latest(1, money("10")));
    let session = order("A-17").also_called(Some(OrderName::Payment("pi_1".into())));
    for told in [[paid.clone(), session.clone()], [session, paid]] {
        let book = book(told);
        let orders: Vec<&OrderRecord> = book.orders().collect();
        assert_eq!(orders.len(), 1);
        assert_eq!((orders[0].id(), orders[0].state().paid), ("A-17", Some(money("10"))));
    }
}
