//! Downloads exports from the fake tenant, with every kind of failure.

use std::io::Read;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Duration;

use flate2::read::MultiGzDecoder;
use reimport_jobs::fake::{FakeTenant, Fault};
use reimport_jobs::*;
use serde_json::{Value, json};

fn lines(path: &Path) -> Vec<Value> {
    let mut text = String::new();
    MultiGzDecoder::new(std::fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Starts a tenant with 200 users and a completed export of them.
fn exported() -> (FakeTenant, Client, String) {
    let tenant = FakeTenant::start().unwrap();
    for n in 0..200_u64 {
        let noise = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        assert!(
            tenant.add_user(
                json!({"email": format!("{noise:x}@example.com"), "user_id": format!("{noise:x}")})
            )
        );
    }
    let client = tenant.client();
    let job = client.users_exports(&UsersExport::everything()).unwrap();
    client.wait(&job.id, &Wait::default(), |_| ControlFlow::Continue(())).unwrap();
    (tenant, client, job.id)
}

fn downloads(tenant: &FakeTenant) -> Vec<(Option<u16>, Option<String>)> {
    let downloads = tenant.requests().into_iter().filter(|request| request.call == "download");
    downloads.map(|request| (request.status, request.range)).collect()
}

#[test]
fn downloads_export_and_record_without_sending_token() {
    let (tenant, client, job) = exported();
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("users.json.gz");
    let mut seen = Vec::new();
    let record = client.download().progress(|bytes, of| seen.push((bytes, of))).fetch(&job, &target).unwrap();
    assert_eq!(lines(&target), tenant.users());
    assert_eq!(seen.last(), Some(&(record.bytes, Some(record.bytes))));
    let written = std::fs::read_to_string(ExportRecord::path_of(&target)).unwrap();
    assert_eq!(serde_json::from_str::<ExportRecord>(&written).unwrap(), record);
    assert_eq!(record.tenant, client.host());
    assert_eq!(record.fields, UsersExport::everything().fields);
    assert!(!written.contains("Signature"));
    assert!(tenant.requests().iter().all(|request| request.authorized != (request.call == "download")));
    let names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn interrupted_transfer_is_resumed() {
    let (tenant, client, job) = exported();
    for bytes in [1000, 0, 1500] {
        tenant.fault("download", Fault::Truncate(bytes));
    }
    tenant.fault("download", Fault::DropBefore);
    tenant.fault("download", Fault::Status(503));
    tenant.fault("download", Fault::Slow(Duration::from_secs(1)));
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("users.json.gz");
    client.download().fetch(&job, &target).unwrap();
    assert_eq!(lines(&target), tenant.users());
    let requested: Vec<_> = downloads(&tenant).into_iter().map(|(_, range)| range).collect();
    assert_eq!(
        requested[..4],
        [None, Some("bytes=1000-".into()), Some("bytes=1000-".into()), Some("bytes=2500-".into())]
    );
    assert_eq!(requested.len(), 7);
}

#[test]
fn rejected_link_is_replaced_and_transfer_is_resumed() {
    let (tenant, client, job) = exported();
    tenant.fault("download", Fault::Truncate(1000));
    tenant.fault("download", Fault::Status(403));
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("users.json.gz");
    client.download().fetch(&job, &target).unwrap();
    assert_eq!(lines(&target), tenant.users());
    let requested = downloads(&tenant);
    assert_eq!(requested[1], (Some(403), Some("bytes=1000-".into())));
    assert_eq!(requested[2], (Some(206), Some("bytes=1000-".into())));
}

#[test]
fn link_expires_after_one_minute() {
    let (tenant, client, job) = exported();
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("users.json.gz");
    tenant.fault("download", Fault::Truncate(1000));
    let clock = tenant.clock().clone();
    let slow = client.download().min_rate(0).progress(|_, _| clock.sleep(Duration::from_secs(61)));
    slow.fetch(&job, &target).unwrap();
    assert_eq!(lines(&target), tenant.users());
    assert_eq!(downloads(&tenant).iter().map(|d| d.0).collect::<Vec<_>>(), [Some(200), Some(403), Some(206)]);
}

#[test]
fn file_that_fails_the_check_is_not_published() {
    let (_tenant, client, job) = exported();
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("users.json.gz");
    let error =
        client.download().check(|_| Err("bad CRC at byte 7".into())).fetch(&job, &target).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("the file of job {job} is damaged and was not kept: bad CRC at byte 7")
    );
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn existing_file_is_kept_unless_replace_is_set() {
    let (_tenant, client, job) = exported();
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("users.json.gz");
    std::fs::write(&target, "old").unwrap();
    assert!(matches!(client.download().fetch(&job, &target), Err(Error::Download(DownloadError::Exists(_)))));
    assert_eq!(std::fs::read(&target).unwrap(), b"old");
    client.download().replace(true).fetch(&job, &target).unwrap();
    assert_eq!(lines(&target).len(), 200);
}

#[test]
fn download_fails_after_repeated_errors() {
    let (tenant, client, job) = exported();
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("users.json.gz");
    for _ in 0..3 {
        tenant.fault("download", Fault::Status(403));
    }
    assert_eq!(
        client.download().fetch(&job, &target).unwrap_err().to_string(),
        format!("the file of job {job} was refused with status 403, also with a new link")
    );
    for _ in 0..6 {
        tenant.fault("download", Fault::DropBefore);
    }
    let error = client.download().fetch(&job, &target).unwrap_err().to_string();
    assert!(error.contains("stopped 6 times without a further byte"), "{error}");
    assert!(!error.contains("Signature"), "{error}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn unfinished_or_deleted_job_has_no_file() {
    let (tenant, client, job) = exported();
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("users.json.gz");
    tenant.set_job_steps(50);
    let running = client.users_exports(&UsersExport::everything()).unwrap();
    assert_eq!(
        client.download().fetch(&running.id, &target).unwrap_err().to_string(),
        format!("job {} is processing; expected a completed export", running.id)
    );
    tenant.advance_clock(Duration::from_hours(24));
    assert_eq!(client.download().fetch(&job, &target).unwrap_err().refused().unwrap().status, 404);
}
