//! Deep networks: the pool takes workers of their engine for them, and of the usual one for what is shallow.

use lethe::experiments::limits::Limits;
use lethe::experiments::{CheckedSpec, Engine, Results, Spec};
use lethe::record::BUILD;
use lethe::web::devices::{Adapter, Choice, Stage, Test, Why};
use lethe::web::pool::{Order, Phase, Pool};
use lethe::web::protocol::{Code, Fault, PROTOCOL, ToPage, ToWorker};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::stage::small;

fn deep() -> CheckedSpec {
    Spec { depth: 3, ..Spec::clone(&small(4)) }.check(&Limits::PAGE).unwrap()
}

fn ready(engine: Engine) -> ToPage {
    ToPage::Ready { protocol: PROTOCOL, build: BUILD.to_owned(), engine }
}

fn spawned(orders: &[Order]) -> Vec<(u32, Engine)> {
    let spawned = |order: &Order| if let Order::Spawn(id, engine) = order { Some((*id, *engine)) } else { None };
    orders.iter().filter_map(spawned).collect()
}

fn dismissed(orders: &[Order]) -> Vec<u32> {
    orders.iter().filter_map(|order| if let Order::Dismiss(id) = order { Some(*id) } else { None }).collect()
}

fn given_work(orders: &[Order]) -> Vec<u32> {
    let told = |order: &Order| if let Order::Send(id, ToWorker::Start { .. }) = order { Some(*id) } else { None };
    orders.iter().filter_map(told).collect()
}

#[wasm_bindgen_test]
fn a_run_has_the_workers_that_its_networks_need_and_no_others() {
    let mut pool = Pool::new(2);
    assert_eq!(spawned(&pool.take_orders()), [(1, Engine::FusedCpu)]);
    pool.hear(1, Ok(ready(Engine::FusedCpu)));

    pool.start(Results::new(deep()), false);
    let orders = pool.take_orders();
    assert_eq!(dismissed(&orders), [1]);
    assert_eq!(spawned(&orders), [(2, Engine::Autodiff), (3, Engine::Autodiff)]);
    assert_eq!(given_work(&orders), [0; 0], "none is ready yet");
    for id in [2, 3] {
        pool.hear(id, Ok(ready(Engine::Autodiff)));
        assert_eq!(given_work(&pool.take_orders()), [id]);
    }
    let devices = pool.devices();
    assert_eq!((devices.engine, devices.why), (Engine::Autodiff, Why::Short));
    assert_eq!(pool.status().workers, 2);

    pool.start(Results::new(small(4)), false);
    let orders = pool.take_orders();
    assert_eq!(dismissed(&orders), [2, 3]);
    assert_eq!(spawned(&orders), [(4, Engine::FusedCpu), (5, Engine::FusedCpu)]);
}

fn loaded(orders: &[Order]) -> Vec<u32> {
    let told = |order: &Order| if let Order::Send(id, ToWorker::Load) = order { Some(*id) } else { None };
    orders.iter().filter_map(told).collect()
}

#[wasm_bindgen_test]
fn on_a_gpu_deep_networks_have_a_worker_of_their_own_too_and_one_at_a_time_has_the_gpu() {
    let mut pool = Pool::new(1);
    pool.choose(Choice::Gpu);
    assert_eq!(spawned(&pool.take_orders()), [(1, Engine::FusedCpu), (2, Engine::FusedGpu)], "before there is a run");
    pool.start(Results::new(deep()), false);
    let orders = pool.take_orders();
    assert_eq!((dismissed(&orders), spawned(&orders)), (vec![2, 1], vec![(3, Engine::AutodiffGpu)]));
    pool.hear(3, Ok(ToPage::Found(Adapter::default())));
    assert_eq!(loaded(&pool.take_orders()), [3]);
    pool.hear(3, Ok(ready(Engine::AutodiffGpu)));
    assert_eq!(given_work(&pool.take_orders()), [0; 0], "it is not compared with the CPU yet");
    pool.hear(3, Ok(ToPage::Tested(Test { difference: 1e-6, tolerance: 3e-4 })));
    assert_eq!(given_work(&pool.take_orders()), [3]);
    let devices = pool.devices();
    assert_eq!((devices.engine, devices.why, devices.stage), (Engine::AutodiffGpu, Why::Wished, Stage::Ready));

    pool.start(Results::new(small(4)), false);
    let orders = pool.take_orders();
    assert_eq!((dismissed(&orders), spawned(&orders)), (vec![3], vec![(4, Engine::FusedGpu)]));
    assert_eq!(pool.devices().test, None, "another engine has yet to be compared");
}

#[wasm_bindgen_test]
fn that_one_engine_fails_on_a_gpu_says_nothing_of_the_other() {
    let mut pool = Pool::new(1);
    pool.choose(Choice::Gpu);
    pool.start(Results::new(deep()), false);
    let (id, engine) = *spawned(&pool.take_orders()).last().unwrap();
    assert_eq!(engine, Engine::AutodiffGpu);
    pool.hear(id, Ok(ToPage::Found(Adapter::default())));
    pool.hear(id, Ok(ready(Engine::FusedGpu)));
    assert_eq!(pool.devices().fault.map(|fault| fault.code), Some(Code::Mismatch), "another engine than was asked for");

    pool.start(Results::new(deep()), false);
    let (id, _) = *spawned(&pool.take_orders()).iter().rfind(|(_, engine)| engine.is_on_gpu()).unwrap();
    pool.hear(id, Ok(ToPage::Found(Adapter::default())));
    pool.hear(id, Ok(ready(Engine::AutodiffGpu)));
    pool.hear(id, Ok(ToPage::Tested(Test { difference: 1.0, tolerance: 3e-4 })));
    pool.choose(Choice::Automatic);
    let devices = pool.devices();
    assert_eq!((devices.stage, devices.engine), (Stage::Absent, Engine::Autodiff));
    assert_eq!(devices.fault.map(|fault| fault.code), Some(Code::Disagrees));

    pool.start(Results::new(small(4)), false);
    let devices = pool.devices();
    assert_eq!((devices.stage, devices.fault), (Stage::Sought, None));
}

#[wasm_bindgen_test]
fn without_a_gpu_deep_networks_train_on_the_cpu_whatever_was_wished() {
    for choice in Choice::ALL {
        let mut pool = Pool::new(1);
        pool.choose(choice);
        pool.start(Results::new(deep()), false);
        let gpu = spawned(&pool.take_orders()).into_iter().rfind(|(_, engine)| engine.is_on_gpu());
        assert_eq!(gpu.is_some(), choice == Choice::Gpu);
        if let Some((id, _)) = gpu {
            pool.hear(id, Ok(ToPage::Failed { token: 0, fault: Fault::new(Code::NoAdapter, "There is none.") }));
            assert_eq!(spawned(&pool.take_orders()), [(id + 1, Engine::Autodiff)]);
        }
        assert_eq!(pool.devices().engine, Engine::Autodiff);
    }
}

#[wasm_bindgen_test]
fn a_worker_with_another_engine_is_given_nothing_and_a_retry_asks_for_the_right_one() {
    let mut pool = Pool::new(1);
    pool.start(Results::new(deep()), false);
    let (id, engine) = *spawned(&pool.take_orders()).last().unwrap();
    assert_eq!(engine, Engine::Autodiff);
    pool.hear(id, Ok(ready(Engine::FusedCpu)));
    let Phase::Stopped(fault) = pool.status().phase else { panic!("the run goes on") };
    assert_eq!(fault.code, Code::Mismatch);
    assert!(fault.text.contains("autodiff") && fault.text.contains("fused-cpu"), "{}", fault.text);
    let orders = pool.take_orders();
    assert_eq!((given_work(&orders), dismissed(&orders)), (vec![], vec![id]));
    pool.retry();
    assert_eq!(spawned(&pool.take_orders()), [(id + 1, Engine::Autodiff)]);
}

#[wasm_bindgen_test]
fn a_deep_worker_has_a_minute_to_arrive() {
    let mut pool = Pool::new(1);
    pool.choose(Choice::Cpu);
    pool.start(Results::new(deep()), false);
    (0..59).for_each(|_| pool.tick());
    assert_eq!(pool.status().phase, Phase::Running);
    pool.tick();
    let Phase::Stopped(fault) = pool.status().phase else { panic!("it waits for ever") };
    assert_eq!(fault.code, Code::InitFailed);
    assert!(fault.text.contains("60 seconds"), "{}", fault.text);
}
