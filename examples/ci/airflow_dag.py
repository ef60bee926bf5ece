"""An Airflow DAG in which training waits for the gate: any exit code but 0 fails the task."""

from datetime import datetime

from airflow import DAG
from airflow.providers.standard.operators.bash import BashOperator

with DAG("train_on_vendor_data", schedule=None, start_date=datetime(2026, 1, 1)):
    verify = BashOperator(
        task_id="verify",
        # The same data, result and policy give the same answer: there is nothing to try again.
        retries=0,
        # Codes that operators take for "skip" would let what comes after run.
        skip_on_exit_code=None,
        cwd="{{ var.value.get('data_folder', '/srv/data') }}",
        bash_command="datascan verify vendor.jsonl --results audits --policy policy.yaml",
    )
    train = BashOperator(task_id="train", bash_command="./train.sh vendor.jsonl")
    verify >> train
